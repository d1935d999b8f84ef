# The Debian 12 packages that Peyk needs; sourced by the scripts that build, test, check and run it.
# shellcheck shell=sh disable=SC2034
build_packages="clang-19 lld-19 libclang-rt-19-dev cmake ninja-build pkg-config python3 ccache git
  libboost1.81-dev libhiredis-dev libyaml-cpp-dev libgmime-3.0-dev libgumbo-dev libicu-dev libre2-dev libcld2-dev
  libsodium-dev libssl-dev libspdlog-dev libfmt-dev prometheus-cpp-dev libcli11-dev libedit-dev libsystemd-dev doctest-dev"
run_packages="redis-server"
# llvm-19 has the symbolizer that turns a sanitizer's addresses into lines; postfix, openssl and tmux are peers in tests.
test_packages="llvm-19 openssl gnuplot-nox postfix sasl2-bin libsasl2-modules python3-pytest python3-redis python3-websockets tmux"
lint_packages="clang-format-19 clang-tidy-19 lua-check shellcheck"
