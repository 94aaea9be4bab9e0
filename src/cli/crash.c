#include "cli/crash.h"

#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MAX_FRAMES 64
#define STACK_BYTES ((size_t)64 * 1024)
#define TEXT_BYTES 1024

static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};

/*
 * Composed ahead, since a handler may only write. With the log's sink the one thing that can be
 * changed at file scope: a handler is given no context.
 */
static struct {
    char text[TEXT_BYTES]; /* "Run … Results: …" */
    bool on_terminal;
} last_words;

static void put(const char *text)
{
    const ssize_t written = write(STDERR_FILENO, text, strlen(text));

    (void)written; /* nobody is left to be told */
}

/* Only what signal-safety(7) allows; backtrace() was called before, so that it loads nothing. */
static void on_crash(int number)
{
    void *frames[MAX_FRAMES];

    if (last_words.on_terminal)
        put("\033[?25h\033[?7h\n");
    if (number != SIGQUIT) {
        put("throng crashed: this is a bug. Please report it with the lines below.\n");
        put(last_words.text);
        backtrace_symbols_fd(frames, backtrace(frames, MAX_FRAMES), STDERR_FILENO);
    }
    /* The handler was reset when it was called: this ends the program as the signal would have. */
    (void)raise(number);
}

void crash_prepare(void)
{
    struct sigaction action = {.sa_handler = on_crash,
                               .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER)};
    /* A stack of its own: the crash may be that there is none left. It lives as the program does. */
    void *memory = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    const stack_t stack = {.ss_sp = memory, .ss_size = STACK_BYTES};
    void *frame = NULL;

    (void)backtrace(&frame, 1);
    sigemptyset(&action.sa_mask);
    if (memory == MAP_FAILED || sigaltstack(&stack, NULL) < 0)
        action.sa_flags &= ~SA_ONSTACK;
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        (void)sigaction(numbers[i], &action, NULL);
}

void crash_tell_of(const char *run_id, const char *folder, bool on_terminal)
{
    (void)snprintf(last_words.text, sizeof(last_words.text),
                   "Run %.128s. What was written so far is in %.768s\n", run_id, folder);
    last_words.on_terminal = on_terminal;
}
