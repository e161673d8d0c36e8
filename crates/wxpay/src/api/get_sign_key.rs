//! 获取验签密钥 `getsignkey`: asks for the key that replaces the merchant's own in the official sandbox.
//!
//! <https://pay.weixin.qq.com/wiki/doc/api/tools/sp_coupon.php?chapter=23_1>, `POST /xdc/apiv2getsignkey/sign/getsignkey`, signed with
//! the merchant's own key and MD5. The reply is **not** signed: TLS alone vouches for it.

use super::error_code::ErrorCode;
use super::{BuildError, Operation, ReplyError};
use crate::{ApiKey, Fields};
use domain::Secret;

/// Asks for the sandbox's key. The client that asks must hold the merchant's own key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetSignKey;

/// The sandbox's key.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Signs and verifies everything in the sandbox. Its life is not documented; ask again after an hour.
    pub sandbox_signkey: ApiKey,
}

impl Operation for GetSignKey {
    type Reply = Reply;
    const NAME: &'static str = "get_sign_key";
    const PATH: &'static str = "/xdc/apiv2getsignkey/sign/getsignkey";
    const SANDBOX_PATH: Option<&'static str> = Some(Self::PATH);
    const SIGNED_REPLY: bool = false;
    const WITH_APPID: bool = false;
    const ERRORS: &'static [ErrorCode] = &[];

    fn fields(&self) -> Result<Fields<'static>, BuildError> {
        Ok(Fields::new())
    }

    fn read(asked: &Fields<'_>, reply: &Fields<'_>) -> Result<Reply, ReplyError> {
        super::envelope(asked, reply)?;
        match reply.text("sandbox_signkey") {
            Some(key) => Ok(Reply { sandbox_signkey: ApiKey::new(Secret::new(key.to_owned())) }),
            None => Err(ReplyError::Missing { field: "sandbox_signkey".to_owned() }),
        }
    }
}
