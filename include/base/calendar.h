/* The Gregorian calendar: days → a count of them. It reads no clock and knows no time zones. */
#pragma once

#include <stdint.h>

/* Days since 1970-01-01; month and day from 1, and not looked at: 30 February is in March. */
int64_t calendar_days(int year, int month, int day);
