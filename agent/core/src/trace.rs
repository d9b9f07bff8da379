//! Error traces: the request and the response of a sample that failed, from the plug-in's file to an object that may outlive the
//! run. Nothing here reads or sends; the shell does.

pub mod redact;
