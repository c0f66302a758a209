import SSMPCore
