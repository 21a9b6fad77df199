/**
 * Sessions between Kapacitor and an agent: recorded in files, shown, and replayed.
 *
 * <p>Where to start:
 * <ul>
 * <li>{@link org.kapacitorudf.tools.recording.RecordedProcess} and
 * {@link org.kapacitorudf.tools.recording.RecordingProxy} sit between Kapacitor and the agent
 * <li>{@link org.kapacitorudf.tools.recording.Recorder} writes the file, and documents its format;
 * {@link org.kapacitorudf.tools.recording.RecordedConversation} reads it as messages
 * <li>{@link org.kapacitorudf.tools.recording.Replay} plays Kapacitor's side to any agent, and compares the responses
 * </ul>
 *
 * <p>May use: {@code org.kapacitorudf.client}; of the agent, {@code internal.channel} and {@code internal.codec}.
 */
@NullMarked
package org.kapacitorudf.tools.recording;

import org.jspecify.annotations.NullMarked;
