#include "cli/live_progress.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

static const int numbers[TERMINAL_SIGNALS] = {SIGWINCH, SIGTSTP};

static void on_signal(uv_signal_t *handle, int number)
{
    const struct live_progress *live = handle->data;

    if (number == SIGWINCH) {
        terminal_progress_redraw(live->progress);
        return;
    }
    /* As the kernel would have done; the display comes back with the tick after SIGCONT. */
    terminal_progress_hide(live->progress);
    (void)kill(getpid(), SIGSTOP);
}

static void hear(struct live_progress *live, uv_loop_t *loop)
{
    live->hears = true;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        uv_signal_init(loop, &live->handles[i]);
        live->handles[i].data = live;
        uv_signal_start(&live->handles[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&live->handles[i]);
    }
}

/* Whether two descriptors are the same terminal: what one writes tears what the other drew. */
static bool same_terminal(int a, int b)
{
    struct stat one;
    struct stat other;

    return isatty(a) && isatty(b) && fstat(a, &one) == 0 && fstat(b, &other) == 0 &&
           one.st_rdev == other.st_rdev;
}

int live_progress_open(struct live_progress *live, uv_loop_t *loop, FILE *out,
                       struct terminal_style style)
{
    const int r = terminal_progress_new(out, style, &live->progress);

    if (r < 0 || !style.live)
        return r;
    hear(live, loop);
    if (same_terminal(fileno(out), STDERR_FILENO))
        log_divert(terminal_progress_log, live->progress);
    return 0;
}

struct probe live_progress_probe(const struct live_progress *live)
{
    return terminal_progress_probe(live->progress);
}

void live_progress_say(const struct live_progress *live, const char *line)
{
    if (live->progress)
        terminal_progress_log(live->progress, line, strlen(line));
}

void live_progress_hide(const struct live_progress *live)
{
    if (live->progress)
        terminal_progress_hide(live->progress);
}

void live_progress_close(struct live_progress *live)
{
    log_divert(NULL, NULL);
    for (size_t i = 0; live->hears && i < COUNT_OF(numbers); i++)
        uv_close((uv_handle_t *)&live->handles[i], NULL);
    live->hears = false;
    live->progress = terminal_progress_free(live->progress);
}
