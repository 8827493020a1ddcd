-- instant(t): the instant that an argument of a question means, by the rule of projector.ask.instants.
--
-- Expressions only, so that of a literal DuckDB computes the whole before it reads a table, and pushes a filter on it
-- down: error() would keep it from that, so a cast that cannot succeed carries the message. A list_transform of one
-- element gives a name to what is used twice: a macro copies it, and each function takes some 40 µs of every query.
--
-- us: microseconds since 1970. clock: what a clock of the session's zone showed, as if it were UTC.

-- how far the session's zone is ahead of UTC at an instant
CREATE OR REPLACE MACRO instant_ahead(us) AS
    epoch_us(CAST(make_timestamptz(CAST(us AS BIGINT)) AS TIMESTAMP)) - us;

-- the instant that DuckDB takes for a clock's time: of two the later one; where it never came, by the offset before
CREATE OR REPLACE MACRO instant_taken(clock) AS
    epoch_us(CAST(make_timestamp(CAST(clock AS BIGINT)) AS TIMESTAMP WITH TIME ZONE));

-- a text in one line, without space around it: a screen may wrap a time that is copied from it
CREATE OR REPLACE MACRO instant_line(text) AS trim(regexp_replace(
    text, '[\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]+', ' ', 'g'
));

-- {day, time, utc, hours, minutes}: the parts of a text, each empty where it is not there
CREATE OR REPLACE MACRO instant_parts(line) AS regexp_extract(
    upper(line),
    '^((?:000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d{3})-\d\d-\d\d)'
    || '(?:([T ](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?)'
    || '(?: ?(?:(Z|UTC|GMT)|([+-](?:[01]\d|2[0-3]))(?::?([0-5]\d(?::[0-5]\d)?))?))?)?$',
    ['day', 'time', 'utc', 'hours', 'minutes']
);

-- the time that is named, of a day its end; 60 seconds are a leap second
CREATE OR REPLACE MACRO instant_clock(parts) AS
    epoch_us(TRY_CAST(parts.day || replace(parts.time, ':60', ':59') AS TIMESTAMP)) + CASE
        WHEN parts.time = '' THEN 86399999999
        WHEN contains(parts.time, ':60') THEN 1000000
        ELSE 0
    END;

-- the offset that is named, as microseconds behind UTC
CREATE OR REPLACE MACRO instant_behind(parts) AS CASE
    WHEN parts.utc <> '' THEN 0
    WHEN parts.hours <> '' THEN epoch_us(CAST(
        '1970-01-01 00:00:00' || rtrim(parts.hours || ':' || parts.minutes, ':') AS TIMESTAMP WITH TIME ZONE
    ))
END;

-- the time of a zone's clocks by the offset before and by the one after where they were changed, so that it came twice
-- or never; else twice the same. No zone changes them twice in a day, or by more than a day.
CREATE OR REPLACE MACRO instants_of_clock(clock) AS list_transform([instant_taken(clock)], lambda taken: list_transform(
    [clock - instant_ahead(taken - 86400000000)], lambda earlier: CASE
        WHEN taken + instant_ahead(taken) <> clock THEN [taken, clock - instant_ahead(taken)]
        WHEN earlier + instant_ahead(earlier) = clock THEN [earlier, taken]
        ELSE [taken, taken]
    END
)[1])[1];

-- why these do not give one instant; where a time never came, its earlier offset gives the later instant
CREATE OR REPLACE MACRO instant_refused(written, meant) AS CASE
    WHEN meant IS NULL THEN 'invalid date-time ''' || written[:60]
        || ''': an instant is written 2020-08-18T23:30:00Z or 2020-08-18T17:30:00-06:00, a day 2020-08-18'
    ELSE 'the clocks of ' || current_setting('TimeZone') || ' showed ' || written[:60]
        || CASE WHEN meant[1] < meant[2] THEN ' twice' ELSE ' never' END || '; write the instant that is meant: '
        || array_to_string(
            list_transform(list_sort(meant), lambda us: CAST(make_timestamp(us) AS VARCHAR) || 'Z'), ' or '
        )
END;

-- the instant that a text in one line means; `written` is the text that a message names
CREATE OR REPLACE MACRO instant_of_line(line, written) AS
list_transform([instant_parts(line)], lambda parts: list_transform(
    [{'clock': instant_clock(parts), 'behind': instant_behind(parts)}], lambda read: list_transform([CASE
        WHEN read.clock + coalesce(read.behind, 0) BETWEEN -62135596800000000 AND 253402300799999999 THEN CASE
            WHEN read.behind IS NULL THEN instants_of_clock(read.clock)
            ELSE [read.clock + read.behind, read.clock + read.behind]
        END
    END], lambda meant: CASE
        WHEN meant[1] = meant[2] OR (parts.time = '' AND meant IS NOT NULL) THEN make_timestamptz(meant[2])
        ELSE CAST(instant_refused(written, meant) AS TIMESTAMP WITH TIME ZONE)
    END)[1]
)[1])[1];

CREATE OR REPLACE MACRO instant_clamped(moment) AS
    least(greatest(moment, make_timestamptz(-62135596800000000)), make_timestamptz(253402300799999999));

-- an argument as text; a day or a time of a clock that no text can name becomes the nearest
CREATE OR REPLACE MACRO instant_text(t) AS CASE
    WHEN typeof(t) = 'DATE' THEN
        CAST(least(greatest(TRY_CAST(t AS DATE), DATE '0001-01-01'), DATE '9999-12-31') AS VARCHAR)
    WHEN starts_with(typeof(t), 'TIMESTAMP') THEN CAST(least(greatest(
        TRY_CAST(t AS TIMESTAMP), TIMESTAMP '0001-01-01'), TIMESTAMP '9999-12-31 23:59:59.999999') AS VARCHAR)
    ELSE CAST(t AS VARCHAR)
END;

CREATE OR REPLACE MACRO instant(t) AS CASE
    WHEN t IS NULL THEN NULL
    ELSE instant_clamped(CASE typeof(t)
        WHEN 'TIMESTAMP WITH TIME ZONE' THEN TRY_CAST(t AS TIMESTAMP WITH TIME ZONE)
        ELSE instant_of_line(instant_line(instant_text(t)), CAST(t AS VARCHAR))
    END)
END;
