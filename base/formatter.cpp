// fmt's formatter for all of Peyk. Debian's library has one too, but GCC, which compiled it, gave it another symbol
// than clang asks for.
#include <fmt/format.h>

template void fmt::detail::vformat_to<char>(buffer<char>&, string_view, format_args, locale_ref);
