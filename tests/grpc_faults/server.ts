/** A server to be killed: prints its port; `list_ids` goes on until it is. */
import { grpcServer } from "../../src/grpc/mod.ts";
import { tripLogService } from "../peers/service.ts";

const { port } = await grpcServer([tripLogService().service]).listen("127.0.0.1:0");
console.log(port);
