/**
 * What the client needs of WebSockets, as one module that is loaded with its first stream.
 *
 * @module
 */
export { openWebSocket, sendsHeaders } from "../ws/client.ts";
export { plainClientCodec } from "../ws/codec.ts";
