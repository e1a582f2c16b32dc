// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/resumable_output.h"

#include "core/base/error.h"
#include "core/io/atomic_output.h"
#include "core/io/output_file.h"
#include "core/io/strict_json.h"
#include "core/io/system_error.h"
#include "core/io/text_file.h"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace eigenquant {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFormat = "eigenquant-unfinished";
constexpr const char* kStateFile = "state.json";
constexpr const char* kJournalFile = "journal";
constexpr const char* kLockFile = "lock";
constexpr const char* kContent = "content";

/// Where unfinished work for a place waits.
fs::path unfinishedOf(const fs::path& place)
{
    return place.string() + ".partial";
}

/// A folder of ours, and what it was made from; "" where that cannot be read.
std::string stateOf(const fs::path& folder)
{
    try {
        return readFile(folder / kStateFile, 1 << 20);
    } catch (const Error&) {
        return {};
    }
}

std::string toState(const Ingredients& ingredients)
{
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& [name, value] : ingredients)
        list.push_back({name, value});
    return nlohmann::ordered_json{{"format", kFormat}, {"ingredients", list}}.dump(1) + '\n';
}

/// The first ingredient that is not what it was.
std::string differenceOf(const std::string& state, const Ingredients& ingredients)
{
    const auto json = nlohmann::ordered_json::parse(state, nullptr, /*allow_exceptions=*/false);
    const auto list = json.is_object() ? json.value("ingredients", nlohmann::ordered_json()) : json;
    for (std::size_t i = 0; i < ingredients.size(); ++i) {
        const auto& [name, value] = ingredients[i];
        if (!list.is_array() || i >= list.size() || list[i] != nlohmann::ordered_json({name, value}))
            return name;
    }
    return list.size() == ingredients.size() ? "" : "settings";
}

bool isOurs(const fs::path& folder)
{
    // A folder that was only just made has no state yet.
    return fs::is_directory(folder) && (fs::is_empty(folder) || fs::exists(folder / kLockFile));
}

} // namespace

ResumableOutput::ResumableOutput(const fs::path& place, OutputKind kind, const Ingredients& ingredients,
                                 const Options& options)
    : m_place(place, kind, options.overwrite, options.inputs, options.expectedBytes), m_resume(options.resume)
{
    m_folder = m_resume ? unfinishedOf(m_place.path()) : hiddenSibling(m_place.path(), "partial");
    m_content = m_folder / kContent;
    try {
        openFolder(ingredients);
    } catch (const fs::filesystem_error& failure) {
        closeFiles();
        throw systemError(failure.code().value(), m_folder, "cannot work in the folder of unfinished work");
    } catch (...) {
        closeFiles(); // the destructor of an object that was never whole does not run
        throw;
    }
}

void ResumableOutput::closeFiles()
{
    for (const int descriptor : {m_lock, m_journal})
        if (descriptor >= 0)
            ::close(descriptor);
}

void ResumableOutput::openFolder(const Ingredients& ingredients)
{
    if (fs::exists(fs::symlink_status(m_folder)) && !isOurs(m_folder))
        throw Error::usage("something else is where unfinished work is kept")
            .file(m_folder.string())
            .hint("move it away, choose another output, or pass --no-resume");
    std::error_code failure;
    fs::create_directory(m_folder, failure);
    if (failure)
        throw systemError(failure.value(), m_place.path(), "cannot write into the folder of the output");
    lock();
    m_mine = true;
    const std::string state = toState(ingredients), before = stateOf(m_folder);
    if (before == state)
        readJournal();
    else if (!before.empty())
        m_whyAnew = "the " + differenceOf(before, ingredients) + " changed";
    if (m_steps.empty()) {
        fs::remove_all(m_content);
        fs::remove(m_folder / kJournalFile);
        writeFile(m_folder / kStateFile, state);
    }
    if (m_place.kind() == OutputKind::Folder)
        fs::create_directories(m_content);
    m_journal = ::open((m_folder / kJournalFile).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (m_journal < 0)
        throw systemError(errno, m_folder, "cannot create the journal");
}

void ResumableOutput::lock()
{
    m_lock = ::open((m_folder / kLockFile).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (m_lock < 0)
        throw systemError(errno, m_folder, "cannot write into the folder of unfinished work");
    // The lock goes with the process, however that ends.
    if (::flock(m_lock, LOCK_EX | LOCK_NB) != 0)
        throw Error::usage("another process is making this output")
            .file(m_place.path().string())
            .hint("wait for it, or choose another output");
}

void ResumableOutput::readJournal()
{
    const fs::path file = m_folder / kJournalFile;
    if (!fs::exists(file))
        return;
    const std::string text = readFile(file);
    std::size_t begin = 0;
    // A line without its end was being written when the process died.
    for (std::size_t end = text.find('\n'); end != text.npos; begin = end + 1, end = text.find('\n', begin))
        m_steps.push_back(text.substr(begin, end - begin));
    fs::resize_file(file, begin);
}

void ResumableOutput::finishStep(const std::string& line)
{
    const std::string whole = line + '\n';
    // One write: a line is there as a whole, or without its end.
    if (::write(m_journal, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size()) ||
        ::fdatasync(m_journal) != 0)
        throw systemError(errno, m_folder / kJournalFile, "cannot write the journal");
    m_steps.push_back(line);
}

void ResumableOutput::beginAnew(const std::string& why)
{
    if (::ftruncate(m_journal, 0) != 0)
        throw systemError(errno, m_folder / kJournalFile, "cannot write the journal");
    m_steps.clear();
    m_whyAnew = why;
}

ResumableOutput::~ResumableOutput()
{
    std::error_code ignored; // a destructor has nobody to tell
    if (m_mine && !m_done && (!m_resume || m_steps.empty()))
        fs::remove_all(m_folder, ignored);
    closeFiles();
}

void ResumableOutput::commit()
{
    m_place.put(m_content);
    m_done = true;
    std::error_code ignored; // the output is in place: what is left of the work is no reason to fail
    fs::remove_all(m_folder, ignored);
    // Another run's unfinished work for this place serves nobody any more, unless that run is still at it.
    const fs::path unfinished = unfinishedOf(m_place.path());
    const int lock = ::open((unfinished / kLockFile).c_str(), O_RDWR | O_CLOEXEC);
    if (lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) == 0)
        fs::remove_all(unfinished, ignored);
    ::close(lock);
}

} // namespace eigenquant
