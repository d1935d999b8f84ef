# cmake --install: programs, units, users, folders, the annotated configuration, the documents.
include(GNUInstallDirs)
install(TARGETS peykd peykctl RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(FILES systemd/peykd.service systemd/peykd@.service DESTINATION lib/systemd/system)
install(FILES systemd/peyk.sysusers DESTINATION lib/sysusers.d RENAME peyk.conf)
install(FILES systemd/peyk.tmpfiles DESTINATION lib/tmpfiles.d RENAME peyk.conf)
install(FILES README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES config/peyk.yaml config/day.yaml DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
# A configuration that stands is the operator's: never written over.
install(CODE "
  set(folder \"\$ENV{DESTDIR}/etc/peyk\")
  if(NOT EXISTS \"\${folder}/peyk.yaml\")
    file(INSTALL \"${CMAKE_SOURCE_DIR}/config/peyk.yaml\" DESTINATION \"\${folder}\")
  endif()
")
