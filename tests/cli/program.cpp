// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/program.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

extern char** environ;

namespace eigenquant::test {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::minutes(2);

struct Pipe {
    int readEnd = -1, writeEnd = -1;
    Pipe()
    {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0)
            throw std::system_error(errno, std::generic_category(), "pipe");
        readEnd = ends[0];
        writeEnd = ends[1];
    }
    ~Pipe()
    {
        closeRead();
        closeWrite();
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    void closeRead() { closeEnd(readEnd); }
    void closeWrite() { closeEnd(writeEnd); }

private:
    static void closeEnd(int& end)
    {
        if (end >= 0)
            close(end);
        end = -1;
    }
};

class Program {
public:
    Program(const std::vector<std::string>& arguments, const ProgramOptions& options) : m_options(options)
    {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, m_in.readEnd, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, m_err.writeEnd, STDERR_FILENO);
        const std::string output = options.standardOutput.string();
        if (output.empty())
            posix_spawn_file_actions_adddup2(&actions, m_out.writeEnd, STDOUT_FILENO);
        else
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY, 0);
        const std::string folder = options.folder.string();
        if (!folder.empty())
            posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
        const std::string program = std::string(EIGENQUANT_BINARY_DIR) + "/bin/eigenquant";
        std::vector<std::string> words{program};
        words.insert(words.end(), arguments.begin(), arguments.end());
        std::vector<char*> pointers;
        for (std::string& word : words)
            pointers.push_back(word.data());
        pointers.push_back(nullptr);
        std::vector<std::string> added = options.environment;
        std::vector<char*> variables;
        for (std::string& variable : added)
            variables.push_back(variable.data());
        for (char** variable = environ; *variable; ++variable)
            variables.push_back(*variable);
        variables.push_back(nullptr);
        const int problem =
            posix_spawn(&m_process, program.c_str(), &actions, nullptr, pointers.data(), variables.data());
        posix_spawn_file_actions_destroy(&actions);
        if (problem != 0)
            throw std::system_error(problem, std::generic_category(), program);
        m_in.closeRead();
        m_out.closeWrite();
        m_err.closeWrite();
    }

    ProgramResult finish()
    {
        feed();
        const auto deadline = Clock::now() + kPatience;
        while ((m_out.readEnd >= 0 || m_err.readEnd >= 0) && Clock::now() < deadline) {
            readSome();
            if (!m_result.signalSent && m_options.stopSignal != 0 && isTimeToStop())
                sendSignals();
        }
        if (Clock::now() >= deadline)
            kill(m_process, SIGKILL);
        int status = 0;
        waitpid(m_process, &status, 0);
        m_result.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return m_result;
    }

private:
    /// Inputs of tests are smaller than a pipe's buffer.
    void feed()
    {
        const std::string& input = m_options.input;
        if (!input.empty()) {
            EXPECT_EQ(write(m_in.writeEnd, input.data(), input.size()), static_cast<ssize_t>(input.size()));
        }
        m_in.closeWrite();
    }

    bool isTimeToStop() const
    {
        if (m_options.stopWhenThere.empty())
            return m_result.err.find(m_options.stopWhen) != std::string::npos;
        std::error_code missing;
        const auto size = std::filesystem::file_size(m_options.stopWhenThere, missing);
        return !missing && size > 0;
    }

    void readSome()
    {
        std::array<pollfd, 2> sources{{{m_out.readEnd, POLLIN, 0}, {m_err.readEnd, POLLIN, 0}}};
        poll(sources.data(), sources.size(), m_options.stopWhenThere.empty() ? 1000 : 1);
        if (sources[0].revents != 0)
            readFrom(m_out, m_result.out);
        if (sources[1].revents != 0)
            readFrom(m_err, m_result.err);
    }

    static void readFrom(Pipe& pipe, std::string& text)
    {
        std::array<char, 65536> buffer;
        const ssize_t count = read(pipe.readEnd, buffer.data(), buffer.size());
        if (count > 0)
            text.append(buffer.data(), static_cast<std::size_t>(count));
        else
            pipe.closeRead();
    }

    void sendSignals()
    {
        m_result.signalSent = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(m_options.stopAfterMs));
        for (int i = 0; i < m_options.stopCount; ++i) {
            if (i > 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            kill(m_process, m_options.stopSignal);
        }
    }

    const ProgramOptions m_options;
    Pipe m_in, m_out, m_err;
    pid_t m_process = -1;
    ProgramResult m_result;
};

} // namespace

nlohmann::json ProgramResult::json() const
{
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out << err;
    const nlohmann::json object = nlohmann::json::parse(out, nullptr, false);
    EXPECT_TRUE(object.is_object()) << out << err;
    return object;
}

ProgramResult runProgram(const std::vector<std::string>& arguments, const ProgramOptions& options)
{
    return Program(arguments, options).finish();
}

} // namespace eigenquant::test
