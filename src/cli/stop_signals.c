#include "cli/stop_signals.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "result/verdict.h"

static const int numbers[STOP_SIGNAL_COUNT] = {SIGINT, SIGTERM, SIGHUP};

static void mask(int how)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        sigaddset(&set, numbers[i]);
    (void)pthread_sigmask(how, &set, NULL);
}

/* Only what signal-safety(7) allows. */
static void on_early_signal(int number)
{
    static const char text[] =
        "throng: stopped by a signal before the load began: there are no results\n";
    const ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);

    (void)number;
    (void)written; /* nobody is left to be told */
    _exit(EXIT_SIGNAL);
}

/* Whoever started the program did so with SIGHUP ignored: nohup. */
static bool is_kept_ignored(int number)
{
    struct sigaction action;

    return number == SIGHUP && sigaction(number, NULL, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

void stop_signals_leave(void)
{
    struct sigaction action = {.sa_handler = on_early_signal};

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (!is_kept_ignored(numbers[i]))
            (void)sigaction(numbers[i], &action, NULL);
}

void stop_signals_hold(void)
{
    mask(SIG_BLOCK);
}

/* The other end of a terminal was closed: EIO is what the kernel then says of it. */
static bool has_lost_terminal(void)
{
    static const int descriptors[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    struct termios settings;

    for (size_t i = 0; i < COUNT_OF(descriptors); i++)
        if (tcgetattr(descriptors[i], &settings) < 0 && errno == EIO)
            return true;
    return false;
}

static void on_signal(uv_signal_t *handle, int number)
{
    const struct stop_signals *signals = handle->data;

    if (number == SIGHUP && !has_lost_terminal())
        signals->reload(signals->ctx);
    else
        signals->stop(signals->ctx);
}

void stop_signals_init(struct stop_signals *signals, uv_loop_t *loop,
                       stop_signal_fn *stop, stop_signal_fn *reload, void *ctx)
{
    *signals = (struct stop_signals){
        .stop = stop, .reload = reload, .ctx = ctx, .open = STOP_SIGNAL_COUNT};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        uv_signal_init(loop, &signals->handles[i]);
        signals->handles[i].data = signals;
        if (!is_kept_ignored(numbers[i]))
            uv_signal_start(&signals->handles[i], on_signal, numbers[i]);
    }
    mask(SIG_UNBLOCK);
}

static void on_closed(uv_handle_t *handle)
{
    struct stop_signals *signals = handle->data;

    signals->open--;
}

/* Unlike SIG_IGN it does not look like nohup to the next run of a series. */
static void on_late_signal(int number)
{
    (void)number;
}

void stop_signals_close(struct stop_signals *signals)
{
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const bool ignored = is_kept_ignored(numbers[i]);

        uv_close((uv_handle_t *)&signals->handles[i], on_closed);
        (void)signal(numbers[i], ignored ? SIG_IGN : on_late_signal);
    }
}

bool stop_signals_are_open(const struct stop_signals *signals)
{
    return signals->open > 0;
}
