// GMime's reference-counted objects as owners that let go by themselves.
#pragma once

#include <memory>
#include <string>

#include <gmime/gmime.h>

namespace peyk::channels::email {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};

/// Owns one reference to a GObject.
template <typename T>
using Owned = std::unique_ptr<T, Unref>;

struct FreeText {
  void operator()(char* text) const { g_free(text); }
};
using OwnedText = std::unique_ptr<char, FreeText>;

struct FreeReferences {
  void operator()(GMimeReferences* references) const { g_mime_references_free(references); }
};
using OwnedReferences = std::unique_ptr<GMimeReferences, FreeReferences>;

struct FreeParserOptions {
  void operator()(GMimeParserOptions* options) const { g_mime_parser_options_free(options); }
};
using OwnedParserOptions = std::unique_ptr<GMimeParserOptions, FreeParserOptions>;

struct FreeFormatOptions {
  void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
};
using OwnedFormatOptions = std::unique_ptr<GMimeFormatOptions, FreeFormatOptions>;

/// GMime's own text, or empty where it has none.
inline std::string text_or_empty(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

/// Once a process, before any other call; safe from any thread.
void initialise_gmime();

}  // namespace peyk::channels::email
