package org.kapacitorudf.tools.conformance;

import java.time.Duration;

/**
 * The result of one case.
 *
 * @param tried the case
 * @param detail why the case failed or does not apply; for a passed case, remarks, or an empty string
 * @param took the duration of the case
 */
public record CaseResult(Case tried, Verdict verdict, String detail, Duration took) {}
