// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/distributed/process_group.h"

#include "core/base/clock.h"
#include "core/base/error.h"

#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

namespace eigenquant {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kPieceValues = (4 << 20) / sizeof(double); // the store refuses more than 8 MiB at once
constexpr std::size_t kPieceBytes = 4 << 20;
constexpr std::size_t kPiecesAhead = 16; // that a sender may be ahead of the receiver: the store holds them
constexpr std::chrono::milliseconds kLook{1000};
constexpr std::chrono::milliseconds kLongestPause{5};
constexpr std::chrono::seconds kFarewell{20};
constexpr const char* kFailed = "failed";

Bytes toBytes(std::span<const double> values)
{
    Bytes bytes(values.size_bytes());
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::string nameOf(int rank)
{
    return "process " + std::to_string(rank);
}

std::chrono::seconds patience()
{
    constexpr std::chrono::seconds kDefault{1800};
    const char* text = std::getenv("EIGENQUANT_PROCESS_TIMEOUT");
    if (!text || !*text)
        return kDefault;
    int seconds = 0;
    const std::string_view word(text);
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seconds);
    if (error != std::errc() || end != word.data() + word.size() || seconds < 1)
        throw Error::usage("this is no number of seconds")
            .field("EIGENQUANT_PROCESS_TIMEOUT")
            .found("\"" + std::string(word.substr(0, 40)) + "\"")
            .expected("1 or more");
    return std::chrono::seconds(seconds);
}

/// Values of which each process sums one piece.
struct Round {
    std::span<double> values;
    std::size_t processes;

    std::span<double> piece(int owner) const
    {
        const std::size_t length = (values.size() + processes - 1) / processes;
        const std::size_t begin = std::min(static_cast<std::size_t>(owner) * length, values.size());
        return values.subspan(begin, std::min(length, values.size() - begin));
    }
};

void addBytes(std::span<const std::uint8_t> bytes, std::span<double> total)
{
    if (bytes.size() != total.size_bytes())
        throw Error::internal("the processes of a job do not sum the same");
    for (std::size_t i = 0; i < total.size(); ++i) {
        double value = 0;
        std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
        total[i] += value;
    }
}

} // namespace

/// torch's store with errors that say whom it was about.
struct ProcessGroup::Store {
    Store(const ProcessPlace& place, std::chrono::seconds patience) : m_patience(patience)
    {
        c10d::TCPStoreOptions options;
        options.port = static_cast<std::uint16_t>(place.port);
        options.isServer = place.isFirst() && !place.launcherHosts;
        options.waitWorkers = false;
        options.timeout = patience;
        guarded([&] {
            const auto tcp = c10::make_intrusive<c10d::TCPStore>(place.address, options);
            m_store = c10::make_intrusive<c10d::PrefixStore>("eigenquant" + place.attempt, tcp);
        });
    }

    void set(const std::string& key, const Bytes& value)
    {
        guarded([&] { m_store->set(key, value); });
    }

    /// The value that the process `rank` sets, once it does; it is taken away if `isLast`.
    Bytes take(const std::string& key, int rank, bool isLast, const RunContext& context)
    {
        wait(key, rank, context);
        Bytes value;
        guarded([&] {
            value = m_store->get(key);
            if (isLast)
                m_store->deleteKey(key);
        });
        return value;
    }

    /// Until the process `rank` has set the key, or, if `there` is false, has taken it away.
    void wait(const std::string& key, int rank, const RunContext& context, bool there = true)
    {
        const auto start = Clock::now();
        while (isThere(key, there) != there) {
            context.checkpoint();
            refuseFailure();
            if (Clock::now() - start > m_patience)
                throw Error::io("a process of this job does not answer")
                    .field(nameOf(rank))
                    .expected("an answer within " + std::to_string(m_patience.count()) + " s")
                    .hint("look at its own messages; EIGENQUANT_PROCESS_TIMEOUT sets the seconds");
        }
    }

    /// Every piece to the process that sums it.
    void send(const Round& round, const ProcessPlace& place, const std::string& key)
    {
        for (int owner = 0; owner < place.size; ++owner)
            if (owner != place.rank && !round.piece(owner).empty())
                set(key + std::to_string(owner) + "/" + std::to_string(place.rank), toBytes(round.piece(owner)));
    }

    /// Our own piece, in the order of ranks.
    void addUp(const Round& round, const ProcessPlace& place, const std::string& key, const RunContext& context)
    {
        const std::span<double> mine = round.piece(place.rank);
        if (mine.empty())
            return;
        const std::string name = key + std::to_string(place.rank);
        std::vector<double> total(mine.size(), 0.0);
        for (int from = 0; from < place.size; ++from)
            addBytes(from == place.rank ? toBytes(mine) : take(name + "/" + std::to_string(from), from, true, context),
                     total);
        std::ranges::copy(total, mine.begin());
        set(name, toBytes(mine));
    }

    /// The pieces that the others summed. The last to read one takes it away.
    void fetch(const Round& round, const ProcessPlace& place, const std::string& key, const RunContext& context)
    {
        for (int owner = 0; owner < place.size; ++owner) {
            const std::span<double> target = round.piece(owner);
            if (owner == place.rank || target.empty())
                continue;
            const std::string name = key + std::to_string(owner), readers = name + "/read";
            const Bytes bytes = take(name, owner, false, context);
            std::ranges::fill(target, 0.0);
            addBytes(bytes, target);
            guarded([&] {
                if (m_store->add(readers, 1) < place.size - 1)
                    return;
                m_store->deleteKey(name);
                m_store->deleteKey(readers);
            });
        }
    }

    /// In pieces, some ahead of the receiver.
    void sendBytes(std::span<const std::byte> bytes, const std::string& key, const RunContext& context)
    {
        const std::size_t pieces = (bytes.size() + kPieceBytes - 1) / kPieceBytes;
        const double size = static_cast<double>(bytes.size());
        set(key + "size", toBytes({&size, 1}));
        for (std::size_t i = 0; i < pieces; ++i) {
            if (i >= kPiecesAhead)
                wait(key + std::to_string(i - kPiecesAhead), 0, context, false);
            const auto piece = bytes.subspan(i * kPieceBytes, std::min(kPieceBytes, bytes.size() - i * kPieceBytes));
            const auto* first = reinterpret_cast<const std::uint8_t*>(piece.data());
            set(key + std::to_string(i), Bytes(first, first + piece.size()));
        }
    }

    std::vector<std::byte> receiveBytes(int from, const std::string& key, const RunContext& context)
    {
        double size = 0;
        addBytes(take(key + "size", from, true, context), {&size, 1});
        std::vector<std::byte> bytes(static_cast<std::size_t>(size));
        for (std::size_t begin = 0; begin < bytes.size(); begin += kPieceBytes) {
            const Bytes piece = take(key + std::to_string(begin / kPieceBytes), from, true, context);
            if (piece.size() != std::min(kPieceBytes, bytes.size() - begin))
                throw Error::internal("the processes of a job do not send the same");
            std::memcpy(bytes.data() + begin, piece.data(), piece.size());
        }
        return bytes;
    }

    /// Whether it is; waits a second at most for it to be as `wanted`.
    bool isThere(const std::string& key, bool wanted = true)
    {
        // The store's own wait() writes a warning each time that it ends without the key.
        const auto start = Clock::now();
        for (std::chrono::milliseconds pause{1};; pause = std::min(2 * pause, kLongestPause)) {
            bool found = false;
            guarded([&] { found = m_store->check({key}); });
            if (found == wanted || Clock::now() - start > kLook)
                return found;
            std::this_thread::sleep_for(pause);
        }
    }

private:
    void refuseFailure()
    {
        std::string failure;
        guarded([&] {
            if (!m_store->check({kFailed}))
                return;
            const Bytes text = m_store->get(kFailed);
            failure.assign(text.begin(), text.end());
        });
        if (!failure.empty())
            throw Error::io("another process of this job failed").found(failure);
    }

    static Error lost(const std::string& reason)
    {
        return Error::io("the connection to process 0 of this job is lost: " + reason)
            .hint("look at its own messages, and at MASTER_ADDR and MASTER_PORT");
    }

    template <class Action>
    static void guarded(Action action)
    {
        try {
            action();
        } catch (const c10::Error& error) {
            throw lost(error.what_without_backtrace());
        }
    }

    c10::intrusive_ptr<c10d::Store> m_store;
    std::chrono::seconds m_patience;
};

ProcessGroup::ProcessGroup(const ProcessPlace& place, const RunContext& context) : m_place(place)
{
    if (m_place.isAlone())
        return;
    context.report("waiting for the other processes", "processes", 0, m_place.size);
    m_store = std::make_unique<Store>(place, patience());
    m_store->set("here/" + std::to_string(place.rank), {1});
    for (int rank = 0; rank < place.size; ++rank)
        m_store->wait("here/" + std::to_string(rank), rank, context);
}

ProcessGroup::~ProcessGroup()
{
    if (!m_store)
        return;
    try {
        m_store->set("left/" + std::to_string(m_place.rank), {1});
        if (!m_place.isFirst() || m_place.launcherHosts)
            return; // process 0 takes the store with it
        const auto start = Clock::now();
        for (int rank = 1; rank < m_place.size && Clock::now() - start < kFarewell;)
            rank += m_store->isThere("left/" + std::to_string(rank)) ? 1 : 0;
    } catch (const std::exception&) { // there is nobody to tell
    }
}

void ProcessGroup::sum(std::span<double> values, const RunContext& context)
{
    if (!m_store)
        return;
    const std::string call = "sum/" + std::to_string(m_calls++) + "/";
    const auto round = kPieceValues * static_cast<std::size_t>(m_place.size);
    for (std::size_t begin = 0; begin < values.size(); begin += round) {
        const Round pieces{values.subspan(begin, std::min(round, values.size() - begin)),
                           static_cast<std::size_t>(m_place.size)};
        const std::string key = call + std::to_string(begin / round) + "/";
        m_store->send(pieces, m_place, key);
        m_store->addUp(pieces, m_place, key, context);
        m_store->fetch(pieces, m_place, key, context);
    }
}

std::vector<std::byte> ProcessGroup::toFirst(int from, std::span<const std::byte> bytes, const RunContext& context)
{
    const std::string key = "bytes/" + std::to_string(m_calls++) + "/";
    if (from == m_place.rank)
        return m_place.isFirst() ? std::vector<std::byte>(bytes.begin(), bytes.end())
                                 : (m_store->sendBytes(bytes, key, context), std::vector<std::byte>());
    return m_place.isFirst() ? m_store->receiveBytes(from, key, context) : std::vector<std::byte>();
}

void ProcessGroup::meet(const RunContext& context)
{
    double one = 1;
    sum({&one, 1}, context);
}

void ProcessGroup::tellFailure(const std::string& message) noexcept
{
    if (!m_store)
        return;
    try {
        const std::string text = nameOf(m_place.rank) + ": " + message;
        m_store->set(kFailed, Bytes(text.begin(), text.end()));
    } catch (const std::exception&) { // the others notice by waiting
    }
}

Share shareOf(const ProcessPlace& place, int count)
{
    const auto at = [&](int rank) {
        return static_cast<int>(static_cast<std::int64_t>(count) * rank / place.size);
    };
    return {at(place.rank), at(place.rank + 1)};
}

} // namespace eigenquant
