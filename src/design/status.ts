/**
 * HTTP status codes, by the names of Go and Goa.
 *
 * @module
 */

/** 100 Continue. */
export const StatusContinue = 100 as const;

/** 101 Switching Protocols. */
export const StatusSwitchingProtocols = 101 as const;

/** 102 Processing. */
export const StatusProcessing = 102 as const;

/** 200 OK. */
export const StatusOK = 200 as const;

/** 201 Created. */
export const StatusCreated = 201 as const;

/** 202 Accepted. */
export const StatusAccepted = 202 as const;

/** 203 Non Authoritative Info. */
export const StatusNonAuthoritativeInfo = 203 as const;

/** 204 No Content. */
export const StatusNoContent = 204 as const;

/** 205 Reset Content. */
export const StatusResetContent = 205 as const;

/** 206 Partial Content. */
export const StatusPartialContent = 206 as const;

/** 207 Multi Status. */
export const StatusMultiStatus = 207 as const;

/** 208 Already Reported. */
export const StatusAlreadyReported = 208 as const;

/** 226 IM Used. */
export const StatusIMUsed = 226 as const;

/** 300 Multiple Choices. */
export const StatusMultipleChoices = 300 as const;

/** 301 Moved Permanently. */
export const StatusMovedPermanently = 301 as const;

/** 302 Found. */
export const StatusFound = 302 as const;

/** 303 See Other. */
export const StatusSeeOther = 303 as const;

/** 304 Not Modified. */
export const StatusNotModified = 304 as const;

/** 305 Use Proxy. */
export const StatusUseProxy = 305 as const;

/** 307 Temporary Redirect. */
export const StatusTemporaryRedirect = 307 as const;

/** 308 Permanent Redirect. */
export const StatusPermanentRedirect = 308 as const;

/** 400 Bad Request. */
export const StatusBadRequest = 400 as const;

/** 401 Unauthorized. */
export const StatusUnauthorized = 401 as const;

/** 402 Payment Required. */
export const StatusPaymentRequired = 402 as const;

/** 403 Forbidden. */
export const StatusForbidden = 403 as const;

/** 404 Not Found. */
export const StatusNotFound = 404 as const;

/** 405 Method Not Allowed. */
export const StatusMethodNotAllowed = 405 as const;

/** 406 Not Acceptable. */
export const StatusNotAcceptable = 406 as const;

/** 407 Proxy Auth Required. */
export const StatusProxyAuthRequired = 407 as const;

/** 408 Request Timeout. */
export const StatusRequestTimeout = 408 as const;

/** 409 Conflict. */
export const StatusConflict = 409 as const;

/** 410 Gone. */
export const StatusGone = 410 as const;

/** 411 Length Required. */
export const StatusLengthRequired = 411 as const;

/** 412 Precondition Failed. */
export const StatusPreconditionFailed = 412 as const;

/** 413 Request Entity Too Large. */
export const StatusRequestEntityTooLarge = 413 as const;

/** 414 Request URI Too Long. */
export const StatusRequestURITooLong = 414 as const;

/** 415 Unsupported Media Type. */
export const StatusUnsupportedMediaType = 415 as const;

/** 416 Requested Range Not Satisfiable. */
export const StatusRequestedRangeNotSatisfiable = 416 as const;

/** 417 Expectation Failed. */
export const StatusExpectationFailed = 417 as const;

/** 418 Teapot. */
export const StatusTeapot = 418 as const;

/** 422 Unprocessable Entity. */
export const StatusUnprocessableEntity = 422 as const;

/** 423 Locked. */
export const StatusLocked = 423 as const;

/** 424 Failed Dependency. */
export const StatusFailedDependency = 424 as const;

/** 426 Upgrade Required. */
export const StatusUpgradeRequired = 426 as const;

/** 428 Precondition Required. */
export const StatusPreconditionRequired = 428 as const;

/** 429 Too Many Requests. */
export const StatusTooManyRequests = 429 as const;

/** 431 Request Header Fields Too Large. */
export const StatusRequestHeaderFieldsTooLarge = 431 as const;

/** 451 Unavailable For Legal Reasons. */
export const StatusUnavailableForLegalReasons = 451 as const;

/** 500 Internal Server Error. */
export const StatusInternalServerError = 500 as const;

/** 501 Not Implemented. */
export const StatusNotImplemented = 501 as const;

/** 502 Bad Gateway. */
export const StatusBadGateway = 502 as const;

/** 503 Service Unavailable. */
export const StatusServiceUnavailable = 503 as const;

/** 504 Gateway Timeout. */
export const StatusGatewayTimeout = 504 as const;

/** 505 HTTP Version Not Supported. */
export const StatusHTTPVersionNotSupported = 505 as const;

/** 506 Variant Also Negotiates. */
export const StatusVariantAlsoNegotiates = 506 as const;

/** 507 Insufficient Storage. */
export const StatusInsufficientStorage = 507 as const;

/** 508 Loop Detected. */
export const StatusLoopDetected = 508 as const;

/** 510 Not Extended. */
export const StatusNotExtended = 510 as const;

/** 511 Network Authentication Required. */
export const StatusNetworkAuthenticationRequired = 511 as const;
