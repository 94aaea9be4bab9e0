/*
 * How fast files of data are read, what they cost in memory, and how many rows a second are taken. Writes a
 * file of each form, of so many megabytes as the argument says, into the folder for temporary files.
 */
#include "workload/data.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/diag.h"
#include "plan/plan.h"

#define ROWS_TAKEN 5000000
#define PEAK_USERS 1000

static const char *const columns[] = {"email", "city"};

static void write_csv(FILE *file, uint64_t row)
{
    if (row == 0)
        (void)fputs("id,email,city,note\n", file);
    (void)fprintf(file,
                  "%" PRIu64 ",user%" PRIu64 "@example.com,\"City, %" PRIu64
                  "\",some words of no use\n",
                  row, row, row % 1000);
}

static void write_lines(FILE *file, uint64_t row)
{
    (void)fprintf(file,
                  "{\"id\": %" PRIu64 ", \"email\": \"user%" PRIu64
                  "@example.com\", \"city\": \"K\\u00f6ln %" PRIu64 "\"}\n",
                  row, row, row % 1000);
}

static void write_words(FILE *file, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        (void)fputs("words of a talk\\n", file);
}

static void write_talks(FILE *file, uint64_t row)
{
    (void)fputs(row == 0 ? "[" : ",\n", file);
    (void)fprintf(file, "{\"id\": \"%" PRIu64 "\", \"conversations\": [", row);
    for (int turn = 0; turn < 4; turn++) {
        (void)fprintf(file, "%s{\"from\": \"human\", \"value\": \"", turn ? ", " : "");
        write_words(file, 8);
        (void)fputs("\"}, {\"from\": \"gpt\", \"value\": \"", file);
        write_words(file, 60);
        (void)fputs("\"}", file);
    }
    (void)fputs("]}", file);
}

/* Writes rows until the file is so long; its name goes into path. */
static void write_file(char *path, uint64_t bytes, const char *end,
                       void (*write_row)(FILE *file, uint64_t row))
{
    const int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (!file)
        abort();
    for (uint64_t row = 0; (uint64_t)ftell(file) < bytes; row++)
        write_row(file, row);
    (void)fputs(end, file);
    if (fclose(file) != 0)
        abort();
}

static double resident_mib(void)
{
    long pages = 0;
    long resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (!file || fscanf(file, "%ld %ld", &pages, &resident) != 2)
        abort();
    (void)fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

static struct data *bench_load(const char *what, const struct plan *plan, uint64_t mib)
{
    const double before_mib = resident_mib();
    const uint64_t started_ns = clock_mono_ns();
    struct diag_list *diags = NULL;
    struct data *data = NULL;
    double seconds;

    if (diag_list_new(10, &diags) < 0 || data_load(plan, diags, &data) < 0)
        abort();
    seconds = (double)(clock_mono_ns() - started_ns) / (double)NS_PER_S;
    printf("%-10s %" PRIu64 " MiB in %.2f s (%.0f MiB/s), %.0f MiB kept\n", what, mib,
           seconds, (double)mib / seconds, resident_mib() - before_mib);
    diag_list_free(diags);
    return data;
}

static void bench_rows(const struct data *data)
{
    const uint64_t started_ns = clock_mono_ns();
    uint64_t bytes = 0;

    for (uint64_t i = 0; i < ROWS_TAKEN; i++) {
        uint64_t row = 0;

        if (data_row(data, 0, i % PEAK_USERS, i / PEAK_USERS, &row) < 0)
            abort();
        bytes += data_value(data, 0, row, 0).len + data_value(data, 0, row, 1).len;
    }
    printf("%-10s %.1f M/s of %" PRIu64 ", %.0f bytes each\n", "rows taken",
           ROWS_TAKEN * 1e3 / (double)(clock_mono_ns() - started_ns), data_rows(data, 0),
           (double)bytes / ROWS_TAKEN);
}

static void bench_feeder(const char *what, bool json_lines, uint64_t mib)
{
    char path[] = "/tmp/throng-bench-XXXXXX";
    const struct plan_feeder feeder = {.name = "people",
                                       .path = path,
                                       .json_lines = json_lines,
                                       .order = PLAN_ORDER_RANDOM,
                                       .columns = columns,
                                       .column_count = 2};
    const struct plan_phase phase = {
        .kind = PLAN_PHASE_SUSTAINED, .from_users = PEAK_USERS, .users = PEAK_USERS};
    struct plan plan = {.seed = 1, .feeders = &feeder, .feeder_count = 1};
    struct data *data;

    plan.phases = &phase;
    plan.phase_count = 1;
    write_file(path, mib << 20, "", json_lines ? write_lines : write_csv);
    data = bench_load(what, &plan, mib);
    bench_rows(data);
    data_free(data);
    (void)unlink(path);
}

static void bench_dataset(uint64_t mib)
{
    char path[] = "/tmp/throng-bench-XXXXXX";
    const struct plan_dataset dataset = {
        .name = "talks", .path = path, .format = PLAN_DATASET_SHAREGPT};
    const struct plan plan = {.datasets = &dataset, .dataset_count = 1};

    write_file(path, mib << 20, "]", write_talks);
    data_free(bench_load("ShareGPT", &plan, mib));
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    const uint64_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    struct rusage usage;

    bench_feeder("CSV", false, mib);
    bench_feeder("JSON lines", true, mib);
    bench_dataset(mib);
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        printf("%-10s %.0f MiB\n", "at most", (double)usage.ru_maxrss / 1024);
    return 0;
}
