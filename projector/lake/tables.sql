-- A table, the same on both clocks, and its macros, as people see them.

CREATE VIEW "{name}" AS SELECT {columns} FROM {now};
CREATE VIEW "{name}_bitemporal" AS SELECT {columns_on_both} FROM {both};
CREATE MACRO "{name}_as_of"
    (t) AS TABLE (SELECT {columns} FROM {at}),
    (t, k) AS TABLE (SELECT {columns} FROM {at_known});
