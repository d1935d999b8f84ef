// peykctl: its command line, and the command that it names.
#pragma once

namespace peyk::ctl {

/// Exit status: 0 done, 1 failed, 2 or more for a wrong command line.
int run(int argc, char** argv);

}  // namespace peyk::ctl
