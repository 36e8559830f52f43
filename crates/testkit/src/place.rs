//! The address of a server.

use std::net::SocketAddr;

/// The target of a request: a server, or a reverse proxy in front of it.
pub trait Place {
    /// Returns scheme, host and port.
    fn origin(&self) -> String;

    /// Creates an account with [`crate::PASSWORD`] unless it exists, if this place can; otherwise it must exist
    /// already.
    fn account(&self, name: &str) -> impl Future<Output = ()> + Send {
        let _ = name;
        std::future::ready(())
    }
}

impl Place for str {
    fn origin(&self) -> String {
        self.to_owned()
    }
}

impl Place for String {
    fn origin(&self) -> String {
        self.clone()
    }
}

impl Place for SocketAddr {
    fn origin(&self) -> String {
        format!("http://{self}")
    }
}

impl<P: Place + ?Sized> Place for &P {
    fn origin(&self) -> String {
        (**self).origin()
    }

    fn account(&self, name: &str) -> impl Future<Output = ()> + Send {
        (**self).account(name)
    }
}
