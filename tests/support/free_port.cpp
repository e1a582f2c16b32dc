// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/free_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace eigenquant::test {

int freePort()
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    // Bound to port 0 it gets one that is free.
    const bool found = descriptor >= 0 && ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                       ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    const int reason = errno;
    ::close(descriptor);
    if (!found)
        throw std::system_error(reason, std::generic_category(), "no free port");
    return ntohs(address.sin_port);
}

} // namespace eigenquant::test
