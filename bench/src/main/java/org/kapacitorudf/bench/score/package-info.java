/**
 * How good the detectors are: NAB's standard score, the kinds of anomaly, false alerts, and the coverage of the band. It writes the tables of
 * {@code docs/functions/accuracy.md}.
 */
package org.kapacitorudf.bench.score;
