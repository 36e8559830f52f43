//! Fault injection: something dies, stops, hangs or fills up.

mod crowd;
mod database_down;
mod disk;
mod hanging;
mod node_dies;
mod redis_down;
mod replies_lost;
