//! Listening for a handle: changes of jobs and properties become upcalls; a connection that ends is made again, and
//! the watch with it.

use std::sync::Arc;

use receiptd_api::{CallError, Client, Signal, names};

use crate::frame::frame;
use crate::limits::{RECONNECT_WAIT_MAX, RECONNECT_WAIT_MIN};
use crate::refusal::Refusal;
use crate::remote::Remote;
use crate::upcall::{Kind, upcall};

/// Follows until nobody listens any more. At most one follows for a handle: `wishes` says when it is to end, and from then on
/// the next wish starts another.
pub async fn follow(road: Arc<Remote>) {
    let mut lost = false;
    let mut wait = RECONNECT_WAIT_MIN;
    while road.wishes().is_some() {
        let ended = tokio::select! {
            () = road.closing() => break,
            ended = listen(&road, &mut lost) => ended,
        };
        let listened = road.listening.send_replace(false);
        let Err(why) = ended else { break };
        if !lost {
            lost = true;
            upcall(road.handle, Kind::Connection, 0, &frame(&(false, &why.message)));
        }
        wait = if listened { RECONNECT_WAIT_MIN } else { (wait * 2).min(RECONNECT_WAIT_MAX) };
        tokio::select! {
            () = road.closing() => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
    road.look_after();
}

/// One connection. `Ok` when nothing is wished any more.
async fn listen(road: &Arc<Remote>, lost: &mut bool) -> Result<(), Refusal> {
    let client = road.client().await?;
    let mut signals = client.listen().await.map_err(|why| Refusal::from(&why))?;
    let Some(wishes) = road.wishes() else { return Ok(()) };
    // What was watched on an earlier connection. A new wish is asked for by the call that brings it.
    renew(&client, &wishes).await.map_err(|why| Refusal::from(&why))?;
    road.listening.send_replace(true);
    if std::mem::replace(lost, false) {
        upcall(road.handle, Kind::Connection, 0, &frame(&(true, "")));
    }
    while road.wishes().is_some() {
        tokio::select! {
            () = road.wanted.notified() => {}
            heard = signals.next() => match heard {
                Some(heard) => tell(road, &client, heard).await,
                None => return Err(Refusal::from(&CallError::Disconnected("the daemon ended".to_owned()))),
            }
        }
    }
    Ok(())
}

/// Asks the daemon to speak.
async fn renew(
    client: &Client,
    (filter, properties): &(Option<receiptd_api::JobFilter>, bool),
) -> Result<(), CallError> {
    if let Some(filter) = filter {
        client.spooler().watch(filter).await?;
    }
    if *properties {
        // Whoever has read them is told.
        client.printers().await?;
    }
    Ok(())
}

async fn tell(road: &Arc<Remote>, client: &Client, heard: Signal) {
    let handle = road.handle;
    match heard {
        Signal::Job(job) => upcall(handle, Kind::JobChanged, 0, &frame(&*job)),
        Signal::WatchLost(why) => {
            if let Some(wishes) = road.wishes() {
                // If it fails, the connection has ended, which is heard next.
                let _ = renew(client, &wishes).await;
            }
            upcall(handle, Kind::WatchLost, 0, &frame(&why));
        }
        Signal::Properties { path, store, .. } if road.wishes().is_some_and(|(_, properties)| properties) => {
            if path == names::SPOOLER_PATH {
                if let Ok(mut properties) = client.spooler().properties().await {
                    // As it was told: it may be another one again.
                    if let Some(store) = store {
                        properties.0.store_state = store;
                    }
                    upcall(handle, Kind::SpoolerChanged, 0, &frame(&properties));
                }
            } else if let Some(name) = names::printer_name(&path)
                && let Ok(info) = client.printer_info(&names::printer_path(&name)).await
            {
                upcall(handle, Kind::PrinterChanged, 0, &frame(&info));
            }
        }
        // Not wished for, or of a newer daemon.
        _ => {}
    }
}
