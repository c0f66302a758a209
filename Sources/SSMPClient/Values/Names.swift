// Short names within the module.

// What users see lies within `SSMPClient`, so that the module takes no common words from them. Here it is called by those words.
typealias AnyEvent = SSMPClient.AnyEvent
typealias Buffering = SSMPClient.Buffering
typealias Configuration = SSMPClient.Configuration
typealias Credential = SSMPClient.Credential
typealias Event = SSMPClient.Event
typealias Events = SSMPClient.Events
typealias Login = SSMPClient.Login
typealias MessageEvent = SSMPClient.MessageEvent
typealias Messages = SSMPClient.Messages
typealias Reconnection = SSMPClient.Reconnection
typealias Response = SSMPClient.Response
typealias ServerAddress = SSMPClient.ServerAddress
typealias State = SSMPClient.State
typealias States = SSMPClient.States
typealias Subscription = SSMPClient.Subscription
typealias TLS = SSMPClient.TLS
typealias Timeouts = SSMPClient.Timeouts
typealias TopicEvent = SSMPClient.TopicEvent
typealias TraceLine = SSMPClient.TraceLine
