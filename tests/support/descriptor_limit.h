// A process that has run out of descriptors.
#pragma once

#include <cerrno>
#include <sys/resource.h>

#include <boost/system/error_code.hpp>

namespace peyk::test {

/// While it lives, no descriptor above `last` can be opened.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(int last) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(last) + 1;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

}  // namespace peyk::test
