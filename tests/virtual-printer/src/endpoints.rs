//! The two bulk endpoints of a device behind FunctionFS: a thread for each, and what they share with the printer.
//!
//! A transfer of FunctionFS waits in the kernel until the host wants it, or the device is disabled. What the host sends is taken a
//! packet at a time, and a packet is in the printer's buffer before the next one is taken: so the host is refused (NAK) as
//! soon as the buffer is full, and a fault by byte strikes before the next packet.
//!
//! An endpoint is halted by a transfer in the wrong direction, between two of the right one; the host's `CLEAR_FEATURE` is
//! answered by the kernel, which tells nobody.

use crate::faults::Halt;
use crate::state::Shared;
use rustix::io::Errno;
use std::collections::VecDeque;
use std::fs::File;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Answers that wait for the host, bytes; beyond it the rest waits in the printer.
const ANSWERS_MAX: usize = 4096;
/// How long a look at what nobody tells may be old: whether there is room, whether the device is enabled.
const LOOK: Duration = Duration::from_millis(10);
/// How soon an endpoint that is to stay halted is halted again.
const HALT_AGAIN: Duration = Duration::from_millis(1);

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// To the printer.
    Out,
    /// From the printer.
    In,
}

/// What printer and threads share for as long as the device is plugged in.
#[derive(Debug, Default)]
pub(crate) struct Endpoints {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The host has configured the device; bytes of its largest packet.
    packet: Option<u16>,
    answers: VecDeque<u8>,
    halt_out: Option<Halt>,
    halt_in: Option<Halt>,
    ended: bool,
}

impl State {
    /// A halt that is due. One that is not for good is over with that.
    fn take_halt(&mut self, direction: Direction) -> Option<Halt> {
        let halt = match direction {
            Direction::Out => &mut self.halt_out,
            Direction::In => &mut self.halt_in,
        };
        if *halt == Some(Halt::On) { *halt } else { halt.take() }
    }
}

/// What a thread is to do next.
enum Turn {
    /// A transfer; to the host with these bytes.
    Go {
        packet: u16,
        bytes: Vec<u8>,
    },
    Halt(Halt),
    End,
}

impl Endpoints {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The host has configured the device, with packets of this size, or taken that back.
    pub(crate) fn enable(&self, packet: Option<u16>) {
        self.lock().packet = packet;
        self.changed.notify_all();
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.lock().packet.is_some()
    }

    /// It is pulled out; the threads end when the kernel has given their transfers back.
    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    pub(crate) fn halt(&self, direction: Direction, halt: Halt) {
        let mut st = self.lock();
        let due = if halt == Halt::Off { None } else { Some(halt) };
        match direction {
            Direction::Out => st.halt_out = due,
            Direction::In => st.halt_in = due,
        }
        drop(st);
        self.changed.notify_all();
    }

    /// Takes an answer, or so much of it as there is room for.
    pub(crate) fn give(&self, bytes: &[u8]) -> Result<usize, Errno> {
        let mut st = self.lock();
        let n = bytes.len().min(ANSWERS_MAX.saturating_sub(st.answers.len()));
        if n == 0 && !bytes.is_empty() {
            return Err(Errno::AGAIN);
        }
        st.answers.extend(bytes.iter().take(n));
        drop(st);
        self.changed.notify_all();
        Ok(n)
    }

    fn turn(&self, direction: Direction) -> Turn {
        let mut st = self.lock();
        loop {
            if st.ended {
                return Turn::End;
            }
            if let Some(packet) = st.packet {
                if let Some(halt) = st.take_halt(direction) {
                    return Turn::Halt(halt);
                }
                // Not a whole packet: the host would wait for more.
                let n = st.answers.len().min(usize::from(packet) - 1);
                if direction == Direction::Out || n > 0 {
                    let bytes =
                        if direction == Direction::In { st.answers.drain(..n).collect() } else { vec![] };
                    return Turn::Go { packet, bytes };
                }
            }
            st = self.changed.wait(st).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets some time pass, or less when something changes.
    fn pause(&self, time: Duration) {
        let st = self.lock();
        drop(self.changed.wait_timeout(st, time).unwrap_or_else(PoisonError::into_inner));
    }

    fn has_ended(&self) -> bool {
        self.lock().ended
    }
}

/// The thread of bulk OUT.
pub(crate) fn take(shared: &Shared, endpoints: &Endpoints, node: &File) {
    let mut buffer = [0; crate::class::PACKET_HIGH as usize];
    loop {
        match endpoints.turn(Direction::Out) {
            Turn::End => return,
            Turn::Halt(halt) => {
                // Refused with EBADMSG: that is how it is done.
                let _ = rustix::io::write(node, &[0]);
                if halt == Halt::On {
                    endpoints.pause(HALT_AGAIN);
                }
            }
            Turn::Go { packet, .. } => match rustix::io::read(node, &mut buffer[..packet.into()]) {
                Ok(n) => hand_over(shared, endpoints, &buffer[..n]),
                Err(Errno::INTR) => {}
                // Disabled; what tells so may still be on its way.
                Err(_) => endpoints.pause(LOOK),
            },
        }
    }
}

/// Into the printer's buffer, as there is room.
fn hand_over(shared: &Shared, endpoints: &Endpoints, mut bytes: &[u8]) {
    while !bytes.is_empty() && !endpoints.has_ended() {
        let mut st = shared.lock();
        let room = if st.conn.is_some() { st.room().min(bytes.len()) } else { 0 };
        if room == 0 {
            drop(shared.watch.wait_timeout(st, LOOK).unwrap_or_else(PoisonError::into_inner));
            continue;
        }
        let (now, later) = bytes.split_at(room);
        st.receive(now);
        bytes = later;
        drop(st);
        shared.changed();
    }
}

/// The thread of bulk IN.
pub(crate) fn give(endpoints: &Endpoints, node: &File) {
    loop {
        match endpoints.turn(Direction::In) {
            Turn::End => return,
            Turn::Halt(halt) => {
                let _ = rustix::io::read(node, &mut [0; 1]);
                if halt == Halt::On {
                    endpoints.pause(HALT_AGAIN);
                }
            }
            Turn::Go { bytes, .. } => loop {
                match rustix::io::write(node, &bytes) {
                    _ if endpoints.has_ended() => return,
                    Err(Errno::INTR) => {}
                    // Not enabled, which is not told yet: the kernel has none of it.
                    Err(Errno::AGAIN) => endpoints.pause(LOOK),
                    // Given, or lost because the device was disabled meanwhile, as in a printer's own endpoint.
                    Ok(_) | Err(_) => break,
                }
            },
        }
    }
}

/// Runs both; the threads end with the device.
pub(crate) fn start(
    shared: &Arc<Shared>,
    endpoints: &Arc<Endpoints>,
    output: File,
    input: Option<File>,
) -> std::io::Result<Vec<std::thread::JoinHandle<()>>> {
    let spawn = |name: &str| std::thread::Builder::new().name(name.into());
    let (of_out, printer) = (Arc::clone(endpoints), Arc::clone(shared));
    let mut threads = vec![spawn("vp-usb-out").spawn(move || take(&printer, &of_out, &output))?];
    if let Some(input) = input {
        let of_in = Arc::clone(endpoints);
        threads.push(spawn("vp-usb-in").spawn(move || give(&of_in, &input))?);
    }
    Ok(threads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_before_the_host_has_configured_the_device_and_a_halt_comes_first() {
        let endpoints = Endpoints::default();
        assert_eq!(endpoints.give(b"abc"), Ok(3));
        endpoints.halt(Direction::In, Halt::Once);
        endpoints.enable(Some(64));
        assert!(matches!(endpoints.turn(Direction::In), Turn::Halt(Halt::Once)));
        assert!(matches!(endpoints.turn(Direction::In), Turn::Go { bytes, .. } if bytes == b"abc"));
        assert!(matches!(endpoints.turn(Direction::Out), Turn::Go { packet: 64, .. }));
        endpoints.halt(Direction::Out, Halt::On);
        for _ in 0..3 {
            assert!(matches!(endpoints.turn(Direction::Out), Turn::Halt(Halt::On)));
        }
        endpoints.halt(Direction::Out, Halt::Off);
        assert!(matches!(endpoints.turn(Direction::Out), Turn::Go { .. }));
        endpoints.end();
        assert!(matches!(endpoints.turn(Direction::In), Turn::End));
    }

    #[test]
    fn answers_that_nobody_reads_are_bounded_and_never_end_with_a_whole_packet() {
        let endpoints = Endpoints::default();
        assert_eq!(endpoints.give(&[7; 5000]), Ok(ANSWERS_MAX));
        assert_eq!(endpoints.give(&[7]), Err(Errno::AGAIN));
        endpoints.enable(Some(64));
        assert!(matches!(endpoints.turn(Direction::In), Turn::Go { bytes, .. } if bytes.len() == 63));
    }
}
