// The operator's command.
#include "daemon/ctl/program.h"

int main(int argc, char** argv) {
  return peyk::ctl::run(argc, argv);
}
