dnl The macros of AOSP's policy that receiptd.te uses, in our own words and without what it does not need: for a check only.
define(`r_dir_perms', `{ open getattr read search ioctl lock }')
define(`r_file_perms', `{ getattr open read ioctl lock map }')
define(`rw_file_perms', `{ getattr open read ioctl lock map append write }')
define(`create_dir_perms', `{ create reparent rename rmdir setattr open getattr read search ioctl lock write add_name remove_name }')
define(`create_file_perms', `{ create rename setattr unlink getattr open read ioctl lock map append write }')
define(`create_socket_perms_no_ioctl', `{ create read getattr write setattr lock append bind connect getopt setopt shutdown }')
define(`r_dir_file', `
allow $1 $2:dir r_dir_perms;
allow $1 $2:file r_file_perms;')
define(`init_daemon_domain', `
allow init $1_exec:file { getattr open read execute };
allow init $1:process transition;
allow $1 $1_exec:file { read getattr map execute entrypoint };
type_transition init $1_exec:process $1;')
define(`unix_socket_connect', `
allow $1 $2_socket:sock_file write;
allow $1 $3:unix_stream_socket connectto;')
define(`net_domain', `typeattribute $1 netdomain;')
