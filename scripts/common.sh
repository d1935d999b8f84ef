# What the scripts share: packages, configuring, building. Sourced with the working directory at the root of the tree.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

# as_root COMMAND…: as it is for root, by sudo for others.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "must be root, or have sudo, to run: $*"
  fi
}

# missing_packages PACKAGE…: prints those that are not installed.
missing_packages() {
  local installed package
  # dpkg-query fails when it knows one of them not at all; what it printed about the others still stands.
  installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' "$@" 2>/dev/null || true)"
  for package; do
    case "$installed" in *" ii $package "* | *" hi $package "*) ;; *) printf '%s\n' "$package" ;; esac
  done
}

# need_packages PACKAGE…: installs what is missing of them; touches neither network nor apt when nothing is.
need_packages() {
  command -v dpkg-query >/dev/null || {
    say "This is not Debian: taking it that these are here in Debian 12's versions: $*"
    return 0
  }
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  # Without this answer Debian's Postfix would configure itself as this machine's mail server and start; the tests
  # run an instance of their own.
  case " ${missing[*]} " in
    *" postfix "*) as_root debconf-set-selections <<<'postfix postfix/main_mailer_type select No configuration' ;;
  esac
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
  as_root "${apt[@]}" update </dev/null >&2 || say "apt-get update failed; trying with the lists that are here"
  as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >&2 ||
    die "could not install: ${missing[*]}"
}

# configure PRESET: once, and again when the presets have changed; ninja itself sees to changes in CMake's files.
configure() {
  local stamp="build/$1/build.ninja"
  if [ ! -e "$stamp" ] || [ CMakePresets.json -nt "$stamp" ]; then
    cmake --preset "$1" >&2
  fi
}

# has_target PRESET TARGET: whether the configured build knows that target.
has_target() { grep -q "^build $2: phony" "build/$1/build.ninja"; }

# build PRESET [TARGET…]: as many jobs as cores, but two at most for each 3 GiB of memory: a source that sees Beast
# takes over a GiB.
build() {
  local preset=$1 jobs memory_jobs
  shift
  configure "$preset"
  jobs=$(nproc)
  memory_jobs=$(awk '/^MemTotal:/ { n = int($2 / 1572864); print n < 1 ? 1 : n }' /proc/meminfo)
  [ "$jobs" -le "$memory_jobs" ] || jobs=$memory_jobs
  cmake --build --preset "$preset" -j "$jobs" ${1+--target "$@"} >&2
}
