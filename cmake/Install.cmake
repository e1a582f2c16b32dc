# SPDX-License-Identifier: GPL-3.0-or-later
# What `cmake --install` lays down, in the folders that Linux desktops look into.
#
# The programs themselves are installed where they are made, in app/. They keep the path of the libtorch they
# were linked with: it lies in the private environment of the person who built, so an installed copy is for
# the same account.

include(GNUInstallDirs)

foreach(program eigenquant eigenquant-studio)
    if(TARGET ${program})
        set_target_properties(${program} PROPERTIES INSTALL_RPATH_USE_LINK_PATH TRUE)
    endif()
endforeach()

install(DIRECTORY ${CMAKE_SOURCE_DIR}/resources/texts
        DESTINATION ${CMAKE_INSTALL_DATADIR}/eigenquant-studio PATTERN .gitattributes EXCLUDE)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/CHANGELOG.md ${CMAKE_SOURCE_DIR}/LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(TARGET eigenquant-studio)
    set(linux_packaging ${CMAKE_SOURCE_DIR}/packaging/linux)
    install(FILES ${linux_packaging}/eigenquant-studio.desktop
            DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
    install(FILES ${linux_packaging}/org.eigenquant.studio.metainfo.xml
            DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
    install(FILES ${linux_packaging}/eigenquant-studio.mime.xml
            DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages RENAME eigenquant-studio.xml)
    install(FILES ${CMAKE_SOURCE_DIR}/resources/icons/eigenquant-studio.svg
            DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
endif()
