// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/signals.h"

#include "core/base/error.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

namespace eigenquant::cli {

SignalWatcher::SignalWatcher()
{
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &watched, nullptr);
    m_signals = signalfd(-1, &watched, SFD_CLOEXEC);
    m_wakeUp = eventfd(0, EFD_CLOEXEC);
    if (m_signals < 0 || m_wakeUp < 0)
        throw Error::io(std::string("cannot watch for signals: ") + std::strerror(errno));
    m_thread = std::thread([this] { watch(); });
}

SignalWatcher::~SignalWatcher()
{
    const std::uint64_t one = 1;
    if (write(m_wakeUp, &one, sizeof one) == sizeof one)
        m_thread.join();
    else
        m_thread.detach();
    close(m_signals);
    close(m_wakeUp);
}

void SignalWatcher::watch()
{
    std::array<pollfd, 2> sources{{{m_signals, POLLIN, 0}, {m_wakeUp, POLLIN, 0}}};
    while (sources[1].revents == 0) {
        if (poll(sources.data(), sources.size(), -1) < 0 || (sources[0].revents & POLLIN) == 0)
            continue;
        signalfd_siginfo info{};
        if (read(m_signals, &info, sizeof info) != sizeof info)
            continue;
        const int number = static_cast<int>(info.ssi_signo);
        if (m_received.exchange(number) != 0)
            _exit(128 + number);
        m_stop.request_stop();
    }
}

} // namespace eigenquant::cli
