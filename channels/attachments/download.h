// A stranger's file on its way to a browser: never anything the browser would run.
#pragma once

#include <string>

#include "base/net/http.h"
#include "routing/conversation.h"

namespace peyk::channels {

/// The file's bytes. Plain pictures, PDF and text are shown under their own type, all else is saved as bytes; nothing
/// is sniffed, scripted or cached by others.
net::Response download(const routing::Attachment& attachment, std::string content);

/// `Content-Disposition` with the name in plain ASCII and in UTF-8 (RFC 6266, RFC 8187).
std::string content_disposition(std::string_view kind, std::string_view name);

}  // namespace peyk::channels
