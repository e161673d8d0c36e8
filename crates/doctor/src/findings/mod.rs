//! What no digest decides: WeChat refuses it, or somebody should worry.
