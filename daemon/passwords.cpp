#include "daemon/passwords.h"

#include <array>
#include <stdexcept>

#include <sodium.h>

namespace peyk::daemon {
namespace {

void require_sodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) throw std::runtime_error("libsodium could not be initialised");
}

}  // namespace

Result<std::string> hash_password(const Secret& password) {
  require_sodium();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  const auto& text = password.reveal();
  const int failed = crypto_pwhash_str(hash.data(), text.data(), text.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                       crypto_pwhash_MEMLIMIT_INTERACTIVE);
  if (failed != 0) return fail(ErrorCode::unavailable, "no memory to hash the password with (64 MiB are needed)");
  return std::string(hash.data());
}

bool verify_password(const Secret& hash, const Secret& password) {
  require_sodium();
  const auto& expected = hash.reveal();
  const auto& text = password.reveal();
  // libsodium reads the hash as a C string.
  if (expected.empty() || expected.size() >= crypto_pwhash_STRBYTES) return false;
  return crypto_pwhash_str_verify(expected.c_str(), text.data(), text.size()) == 0;
}

}  // namespace peyk::daemon
