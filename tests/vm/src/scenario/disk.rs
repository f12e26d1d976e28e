//! A spool whose file system is full: named refusals, nothing accepted is lost, and it recovers by itself.

use std::io;

use receiptd_api::{ApiError, CallError};
use receiptd_system_tests::app::App;
use receiptd_system_tests::calls::{SHORT, name, submit};
use receiptd_system_tests::{PATIENCE, Reach as _};

use super::{Plan, ensure, wait};
use crate::terminal::Terminal;

/// Puts the spool onto a small file system of its own.
const MOUNT: &str = "systemctl stop receiptd && rm -rf /var/lib/receiptd/spool && \
    truncate -s 64M /root/spool.img && mke2fs -q -F -t ext4 -m 0 /root/spool.img && modprobe loop && \
    mkdir -p /var/lib/receiptd/spool && mount -o loop /root/spool.img /var/lib/receiptd/spool && \
    chown receiptd:receiptd /var/lib/receiptd/spool && chmod 700 /var/lib/receiptd/spool";

pub(super) fn full(terminal: &mut Terminal, _plan: &Plan) -> io::Result<String> {
    let machine = &terminal.machine;
    machine.must(MOUNT)?;
    terminal.start()?;
    let mut app = App::default();
    let told = wait(async {
        let client = terminal.client().await.map_err(io::Error::other)?;
        app.hand_in(&client, 3).await;
        ensure(app.unacknowledged.is_empty(), || "the spool does not work".to_owned())?;

        machine.must("cd /var/lib/receiptd/spool && dd if=/dev/zero of=/var/lib/receiptd/spool/ballast bs=64k 2>/dev/null; sync")?;
        let refused = submit(&client, &name(5001), SHORT).await;
        ensure(matches!(refused, Err(CallError::Api(ApiError::StoreFull(_)))), || {
            format!("full: {refused:?}")
        })?;
        machine.must("rm /var/lib/receiptd/spool/ballast; sync")?;
        until(&client, "ok").await?;
        app.hand_in(&client, 2).await;

        let jobs = app.settle(terminal).await;
        terminal.printer.wait_for(|s| s.idle, PATIENCE).map_err(io::Error::other)?;
        Ok::<_, io::Error>(app.verify(&jobs, &client, &terminal.printer).await)
    })?;
    machine.must("systemctl stop receiptd && umount /var/lib/receiptd/spool && rm /root/spool.img")?;
    terminal.fresh()?;
    Ok(format!("refused by name when full, and recovered: {}", told?))
}

/// Waits until the store is in this state; the daemon itself looks every few seconds.
async fn until(client: &receiptd_api::Client, state: &str) -> io::Result<()> {
    let look = async {
        loop {
            let now = client.spooler().store_state().await.map_err(io::Error::other)?;
            if now == state {
                return Ok(());
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(PATIENCE, look)
        .await
        .unwrap_or_else(|_| Err(io::Error::other(format!("waited for the store to be {state}"))))
}
