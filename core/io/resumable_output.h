// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/output_place.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace eigenquant {

/// What a long output is made from, each with its name: an unfinished one is gone on with only if all of them agree.
using Ingredients = std::vector<std::pair<std::string, std::string>>;

/// An output that takes long. It appears whole or not at all, as an AtomicOutput; but what is done of it lies in
/// the folder PLACE.partial until then, with a journal of its finished steps, and stays there when the process is
/// stopped or killed, so that the next one with the same ingredients goes on from there.
class ResumableOutput {
public:
    struct Options {
        bool overwrite = false;
        bool resume = false; ///< false: begins anew whatever is there, and leaves nothing behind
        std::vector<std::filesystem::path> inputs;
        std::uint64_t expectedBytes = 0;
    };

    /// Checks as OutputPlace. Error::usage if another process is at the same output, or if something else than an
    /// unfinished output is at PLACE.partial.
    ResumableOutput(const std::filesystem::path& place, OutputKind kind, const Ingredients& ingredients,
                    const Options& options);
    /// Keeps what is done if there are finished steps and the next process may go on; otherwise removes it.
    ~ResumableOutput();
    ResumableOutput(const ResumableOutput&) = delete;
    ResumableOutput& operator=(const ResumableOutput&) = delete;

    /// Where to write: a file that may be there from before, or a folder that is there.
    const std::filesystem::path& path() const { return m_content; }
    /// A file of the run's own, which is not part of the output.
    std::filesystem::path besides(const std::string& name) const { return m_folder / name; }
    /// The steps that were finished before, one line each.
    const std::vector<std::string>& steps() const { return m_steps; }
    /// Why what was there could not be gone on with; empty if it was, or if nothing was there.
    const std::string& whyAnew() const { return m_whyAnew; }
    /// Where unfinished work is kept.
    const std::filesystem::path& folder() const { return m_folder; }

    /// Notes a step whose content is on the disk: a line without line ends.
    void finishStep(const std::string& line);
    /// How many steps are in the journal.
    std::size_t finishedSteps() const { return m_steps.size(); }
    /// Forgets all steps, where what they left does not serve after all.
    void beginAnew(const std::string& why);
    /// Syncs the content, renames it into place and removes the rest.
    void commit();

private:
    void openFolder(const Ingredients& ingredients);
    void lock();
    void readJournal();
    void closeFiles();

    OutputPlace m_place;
    bool m_resume;
    std::filesystem::path m_folder, m_content;
    std::vector<std::string> m_steps;
    std::string m_whyAnew;
    int m_lock = -1;
    int m_journal = -1;
    bool m_mine = false; ///< the folder is ours to remove
    bool m_done = false;
};

} // namespace eigenquant
