// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stdexcept>
#include <string>

namespace eigenquant {

/// What went wrong, as the process exit code that reports it.
enum class ErrorCode {
    Internal = 1,    ///< our own fault: a broken invariant
    Usage = 2,       ///< the command line or an option makes no sense
    Invalid = 3,     ///< the input is invalid or corrupt
    Unsupported = 4, ///< the input is understood, but this program does not handle it
    Resources = 5,   ///< not enough memory, GPU memory or disk
    Io = 6,          ///< the operating system refused a read or a write
    CheckFailed = 7, ///< a check that was asked for failed
    Interrupted = 130,
    Terminated = 143,
};

/// The one exception type of the program. A message names the subject, what was found, what was
/// expected and what to do, so that the same sentence serves the command line and the window:
///
///     throw Error::invalid("the tensor is truncated").file(path).field("blk.0.attn_q.weight")
///         .expected("1327104 bytes").found("96 bytes").hint("download the file again");
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, std::string summary);

    static Error internal(std::string summary) { return {ErrorCode::Internal, std::move(summary)}; }
    static Error usage(std::string summary) { return {ErrorCode::Usage, std::move(summary)}; }
    static Error invalid(std::string summary) { return {ErrorCode::Invalid, std::move(summary)}; }
    static Error unsupported(std::string summary) { return {ErrorCode::Unsupported, std::move(summary)}; }
    static Error resources(std::string summary) { return {ErrorCode::Resources, std::move(summary)}; }
    static Error io(std::string summary) { return {ErrorCode::Io, std::move(summary)}; }
    static Error checkFailed(std::string summary) { return {ErrorCode::CheckFailed, std::move(summary)}; }
    /// The user or a superseding job asked to stop.
    static Error cancelled() { return {ErrorCode::Interrupted, "stopped on request"}; }

    Error& file(std::string value) { return set(m_file, std::move(value)); }
    Error& field(std::string value) { return set(m_field, std::move(value)); }
    Error& expected(std::string value) { return set(m_expected, std::move(value)); }
    Error& found(std::string value) { return set(m_found, std::move(value)); }
    Error& hint(std::string value) { return set(m_hint, std::move(value)); }

    ErrorCode code() const noexcept { return m_code; }
    bool isCancelled() const noexcept { return m_code == ErrorCode::Interrupted; }
    const std::string& summary() const noexcept { return m_summary; }
    const std::string& file() const noexcept { return m_file; }
    const std::string& field() const noexcept { return m_field; }
    const std::string& expected() const noexcept { return m_expected; }
    const std::string& found() const noexcept { return m_found; }
    const std::string& hint() const noexcept { return m_hint; }

    /// The whole sentence: "file: field: summary: found …, expected …; hint".
    const char* what() const noexcept override { return m_message.c_str(); }

private:
    Error& set(std::string& member, std::string value);
    void compose();

    ErrorCode m_code;
    std::string m_summary, m_file, m_field, m_expected, m_found, m_hint;
    std::string m_message;
};

} // namespace eigenquant
