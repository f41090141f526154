//! What a person has in their head and in their pocket: a password, and a device that shows codes.

use clearpicture_app::sign_in::set_up_account;
use clearpicture_kernel::{Clock as _, WorkerId};
use totp_rs::{Builder, Secret};

use super::app::TestApp;
use super::visitor::{Reply, Visitor};

/// Everybody's password here.
pub(crate) const PASSWORD: &str = "kettle harbour ninety moss";
/// Everybody's secret for codes here.
pub(crate) const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

impl TestApp {
    /// Gives a worker [`PASSWORD`] and a device with [`SECRET`].
    pub(crate) async fn ready_account(&self, worker: WorkerId) {
        let made = set_up_account(self.store(), self.app.access(), worker, PASSWORD, SECRET);
        made.await.expect("the account is made");
    }

    /// What a device with `secret` shows now.
    pub(crate) fn code(&self, secret: &str) -> String {
        let secret = Secret::try_from_base32(secret).expect("a secret");
        let device = Builder::new()
            .with_secret(secret)
            .build()
            .expect("a device");
        let second = u64::try_from(self.clock.now().as_second()).expect("after 1970");
        device.generate(second).to_string()
    }

    /// Signs a visitor in by the two pages that a person sees, a minute after whatever was before.
    pub(crate) async fn sign_in(&self, visitor: &mut Visitor, email: &str) -> Reply {
        self.pass_minutes(1);
        visitor.get("/sign-in").await;
        let form = [
            ("email", email),
            ("password", PASSWORD),
            ("next", "/account"),
        ];
        let code_page = visitor.post("/sign-in", &form).await;
        assert_eq!(code_page.status, 303, "{}", code_page.words());
        let code = self.code(SECRET);
        let form = [("code", code.as_str()), ("next", "/account")];
        visitor.post("/sign-in/code", &form).await
    }
}
