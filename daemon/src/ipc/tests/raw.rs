//! A client without manners: it writes what bytes it likes.

use std::path::Path;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use zbus::message::{Flags, Message};

use super::LONG;
use receiptd_api::names;

/// A bare connection.
pub(super) struct Raw(pub UnixStream);

impl Raw {
    pub async fn connect(path: &Path) -> Self {
        Self(UnixStream::connect(path).await.expect("connects"))
    }

    /// Connects and shakes hands.
    pub async fn authenticated(path: &Path) -> Self {
        let mut raw = Self::connect(path).await;
        let uid: String = rustix::process::geteuid()
            .as_raw()
            .to_string()
            .bytes()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        raw.write(format!("\0AUTH EXTERNAL {uid}\r\n").as_bytes()).await;
        assert!(raw.line().await.starts_with("OK "));
        raw.write(b"BEGIN\r\n").await;
        raw
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("written");
    }

    pub async fn line(&mut self) -> String {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(self.0.read_u8().await.expect("a line"));
        }
        String::from_utf8(line).expect("text")
    }

    /// Waits until the server ends the connection.
    pub async fn ended(mut self) {
        let mut waste = [0; 4096];
        let end = async { while let Ok(1..) = self.0.read(&mut waste).await {} };
        tokio::time::timeout(LONG, end).await.expect("the server ends the connection");
    }
}

/// A `GetJob` call, as bytes.
pub(super) fn get_job(id: u64) -> Vec<u8> {
    call("GetJob", &(id,), Flags::empty())
}

pub(super) fn call<B>(member: &str, body: &B, flags: Flags) -> Vec<u8>
where
    B: serde::Serialize + zbus::DynamicType,
{
    Message::method_call(names::SPOOLER_PATH, member)
        .interface(names::SPOOLER_INTERFACE)
        .with_flags(flags)
        .build(body)
        .expect("a message")
        .data()
        .to_vec()
}
