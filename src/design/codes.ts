/**
 * gRPC status codes, by the names of Go and Goa.
 *
 * @module
 */

/** 0 OK. */
export const CodeOK = 0 as const;

/** 1 CANCELLED. */
export const CodeCanceled = 1 as const;

/** 2 UNKNOWN. */
export const CodeUnknown = 2 as const;

/** 3 INVALID_ARGUMENT. */
export const CodeInvalidArgument = 3 as const;

/** 4 DEADLINE_EXCEEDED. */
export const CodeDeadlineExceeded = 4 as const;

/** 5 NOT_FOUND. */
export const CodeNotFound = 5 as const;

/** 6 ALREADY_EXISTS. */
export const CodeAlreadyExists = 6 as const;

/** 7 PERMISSION_DENIED. */
export const CodePermissionDenied = 7 as const;

/** 8 RESOURCE_EXHAUSTED. */
export const CodeResourceExhausted = 8 as const;

/** 9 FAILED_PRECONDITION. */
export const CodeFailedPrecondition = 9 as const;

/** 10 ABORTED. */
export const CodeAborted = 10 as const;

/** 11 OUT_OF_RANGE. */
export const CodeOutOfRange = 11 as const;

/** 12 UNIMPLEMENTED. */
export const CodeUnimplemented = 12 as const;

/** 13 INTERNAL. */
export const CodeInternal = 13 as const;

/** 14 UNAVAILABLE. */
export const CodeUnavailable = 14 as const;

/** 15 DATA_LOSS. */
export const CodeDataLoss = 15 as const;

/** 16 UNAUTHENTICATED. */
export const CodeUnauthenticated = 16 as const;
