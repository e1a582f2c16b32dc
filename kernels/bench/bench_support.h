// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/gpu.h"

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

/// What the benchmarks share: reproducible numbers, threads, graphs and medians.
namespace eigenquant::kernels::bench {

class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed * 0x9e3779b97f4a7c15 + 1) {}
    std::uint32_t next()
    {
        m_state ^= m_state << 13;
        m_state ^= m_state >> 7;
        m_state ^= m_state << 17;
        return static_cast<std::uint32_t>(m_state >> 32);
    }
    float uniform() { return static_cast<float>(next() >> 8) * 0x1p-24f; }

private:
    std::uint64_t m_state;
};

/// "1,16,64" → the numbers.
inline std::vector<int> numbers(const std::string& text)
{
    std::vector<int> values;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, ',');)
        values.push_back(std::stoi(part));
    return values;
}

/// task(begin, end) over pieces of [0, count), on all cores.
template <class Task>
void parallel(int count, const Task& task)
{
    const int threads = std::max(1, std::min(count, static_cast<int>(std::thread::hardware_concurrency())));
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back([&, i] { task(count * i / threads, count * (i + 1) / threads); });
    for (auto& thread : running)
        thread.join();
}

/// The work that `queueWork` puts on the stream, as a graph; it runs once outside of it first.
template <class Work>
GpuGraph record(Stream stream, const Work& queueWork)
{
    queueWork();
    GpuGraph::begin(stream);
    queueWork();
    return GpuGraph::end(stream);
}

/// Replays the graphs in turn and gives the median time of each.
inline std::vector<double> medianMicroseconds(const std::vector<const GpuGraph*>& graphs, Stream stream, int rounds)
{
    std::vector<std::vector<double>> times(graphs.size());
    GpuTimer timer;
    for (int round = -2; round < rounds; ++round) // two to warm up
        for (std::size_t i = 0; i < graphs.size(); ++i) {
            timer.start(stream);
            graphs[i]->launch(stream);
            timer.stop(stream);
            const double microseconds = 1e3 * timer.milliseconds();
            if (round >= 0)
                times[i].push_back(microseconds);
        }
    std::vector<double> medians;
    for (auto& series : times) {
        std::nth_element(series.begin(), series.begin() + static_cast<std::ptrdiff_t>(series.size() / 2), series.end());
        medians.push_back(series[series.size() / 2]);
    }
    return medians;
}

} // namespace eigenquant::kernels::bench
