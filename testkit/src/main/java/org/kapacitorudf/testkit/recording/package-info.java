/**
 * Conversations between Kapacitor and an agent: kept in files, shown, and had again.
 *
 * <p>Where to start:
 *
 * <ul>
 *   <li>{@link org.kapacitorudf.testkit.recording.RecordedProcess} and {@link org.kapacitorudf.testkit.recording.RecordingProxy} stand between the two
 *   <li>{@link org.kapacitorudf.testkit.recording.Recorder} is the file and its format; {@link org.kapacitorudf.testkit.recording.Conversation} reads it as messages
 *   <li>{@link org.kapacitorudf.testkit.recording.Replay} plays Kapacitor's part to any agent, and compares the answers
 *   <li>{@link org.kapacitorudf.testkit.recording.Ping} asks an agent what it is
 * </ul>
 *
 * <p>The recordings that the kit brings along are {@link org.kapacitorudf.testkit.Recording}s.
 */
package org.kapacitorudf.testkit.recording;
