"""Programs that talk to people: driven by pipes, or in a real terminal by tmux."""
import os
import shutil
import subprocess
import threading

from waiting import until


class Piped:
    """A program with pipes for its input and output, as a script would use it."""

    def __init__(self, command, first_line=None):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, bufsize=1)
        self.output = ""      # that nobody has waited for yet
        self.transcript = ""  # all of it
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if first_line is not None:
            self.type(first_line)

    def _read(self):
        for line in self.process.stdout:
            self.output += line
            self.transcript += line

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait(self, text, seconds=20.0):
        """Waits until the output has that text after what was waited for before."""
        def seen():
            return text in self.output

        try:
            until(f"{text!r} in the output", seen, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it said:\n{self.output}") from None
        self.output = self.output[self.output.index(text) + len(text):]

    def end(self, seconds=10.0):
        """Ends its input; the exit status."""
        self.process.stdin.close()
        status = self.process.wait(seconds)
        self._reader.join(5)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)


def tmux_missing():
    """Why there is no terminal to be had; empty when there is."""
    return "" if shutil.which("tmux") else "tmux is not installed"


class Tmux:
    """One window of a tmux server of its own, with a program in it."""

    def __init__(self, folder, name, command, columns=110, rows=40):
        self.socket = str(folder / f"{name}.tmux")
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        environment.pop("TMUX", None)
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(rows), *command,
                   environment=environment)
        self._tmux("set-option", "-g", "remain-on-exit", "on")

    def _tmux(self, *arguments, environment=None):
        return subprocess.run(["tmux", "-u", "-S", self.socket, *arguments], capture_output=True, text=True, timeout=20,
                              check=True, env=environment).stdout

    def type(self, line):
        self.keys(line)
        self._tmux("send-keys", "Enter")

    def keys(self, text):
        self._tmux("send-keys", "-l", text)

    def press(self, *keys):
        """Keys by tmux's names: Escape, Left, BSpace, C-c."""
        self._tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self, colours=False):
        return self._tmux("capture-pane", "-p", "-S", "-200", *(["-e"] if colours else []))

    def text(self):
        """The screen with the rows of one long line joined."""
        return self._tmux("capture-pane", "-p", "-J", "-S", "-200")

    def wait(self, text, seconds=20.0):
        try:
            return until(f"{text!r} on the screen", lambda: text in self.text() and self.text(), seconds, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{self.screen()}") from None

    def wait_last(self, text, seconds=20.0):
        """Waits until the last line that is not empty is that text."""
        def last():
            return (self.screen().rstrip().splitlines() or [""])[-1].rstrip() == text

        try:
            until(f"{text!r} in the last line", last, seconds, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows:\n{self.screen()}") from None

    def wait_ended(self, seconds=20.0):
        """Waits until the program has ended."""
        until("the program has ended", lambda: self._tmux("display-message", "-p", "#{pane_dead}").strip() == "1", seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, timeout=20, check=False)
