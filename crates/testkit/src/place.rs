//! Where a server is.

use std::net::SocketAddr;

/// Whom a request is sent to: a server, or a proxy before it.
pub trait Place {
    /// Scheme, host and port.
    fn origin(&self) -> String;

    /// Makes an account with [`crate::PASSWORD`] where it is not there, if this place can; elsewhere it has to be there.
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
