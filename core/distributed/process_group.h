// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/process_place.h"
#include "core/base/run_context.h"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace eigenquant {

/// The processes of one job and what they exchange: sums of float64, and bytes. They meet in torch's TCPStore,
/// which process 0 or the launcher hosts, and pass their numbers through it in pieces of 4 MiB. Each piece is
/// summed by one process, in the order of ranks, so that all get the same bits and any two runs agree. All
/// processes must make the same calls in the same order. A process that waits looks once a second whether it
/// should stop, whether another one failed, and how long it has waited; the message names the process that did not
/// answer.
class ProcessGroup {
public:
    /// Waits for the others, if there are any. EIGENQUANT_PROCESS_TIMEOUT sets how many seconds any wait may take
    /// (1800). Error::io naming the process that does not come.
    ProcessGroup(const ProcessPlace& place, const RunContext& context);
    /// Waits, for some seconds at most, until the others need this process's store no more.
    ~ProcessGroup();
    ProcessGroup(const ProcessGroup&) = delete;
    ProcessGroup& operator=(const ProcessGroup&) = delete;

    const ProcessPlace& place() const { return m_place; }

    /// Replaces the values by their sums over all processes.
    void sum(std::span<double> values, const RunContext& context);

    /// Bytes from process `from` to process 0, which gets them; the others get none. All have to call it.
    std::vector<std::byte> toFirst(int from, std::span<const std::byte> bytes, const RunContext& context);

    /// Waits until all are here.
    void meet(const RunContext& context);

    /// Runs `work`; what it throws is told to the others first, so that they do not wait for this one.
    template <class Work>
    void tellingFailures(Work work)
    {
        try {
            work();
        } catch (const std::exception& error) {
            tellFailure(error.what());
            throw;
        }
    }

private:
    struct Store;
    void tellFailure(const std::string& message) noexcept;
    std::unique_ptr<Store> m_store;
    ProcessPlace m_place;
    std::int64_t m_calls = 0;
};

/// A part of 0 … count-1 for each process: this one's is [begin, end).
struct Share {
    int begin = 0, end = 0;
};
Share shareOf(const ProcessPlace& place, int count);

} // namespace eigenquant
