//! WeChat Pay API v2: signing, strict XML, operations, notices, client and HTTP transport.
